/** A worker of the extension. */

import { serve } from "./worker.js";

serve();
