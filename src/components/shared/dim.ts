/**
 * How far what matters less is faded. Black on white keeps a contrast of 4.5 to 1 also where one is inside the other
 * (WCAG 2.2, 1.4.3): 0.85 × 0.8 leaves enough.
 */
export const quiet = 0.85
/** As it was last seen, or on its way out. */
export const faded = 0.8
