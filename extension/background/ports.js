/** Where the daemon listens: its usual port, or one of the next ones where that is taken. */

export const FIRST_PORT = 7390;
export const LAST_PORT = 7439;
