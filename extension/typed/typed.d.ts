/** Of typed.js, for the scripts of content/ beside it. */
declare var sdzGiveUp: (element: unknown) => boolean;
