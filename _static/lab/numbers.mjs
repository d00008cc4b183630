/*
 * How numbers are written: powers of ten by hand, and a minus that is one.
 */

/** A whole number as superscript. */
export const raised = (n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

/** A formatted number, "-3.7" or "4.61e-4", as it is written by hand, which no line ends in the middle of. */
export const byHand = (text) => text.replace(/e\+?(-?\d+)$/, (_, power) => `\u00a0·\u00a010${raised(power)}`).replace("-", "−");
