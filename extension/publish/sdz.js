/**
 * Shows `.sdz` pictures on a publisher's own page to whoever has no extension: `<script type=module src=sdz.js></script>`.
 * docs/publishing-script.md says what it needs. This file is its own worker.
 */

import { begin } from "./page.js";
import { serve } from "../decoder/worker.js";

if (globalThis.document) begin();
else serve();
