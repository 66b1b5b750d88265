/** Control characters but for line breaks and tabs, and marks that turn the direction of text. */
const CONTROLS = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text as it may be shown on a terminal: whoever wrote a commit message must not move its cursor, change its title or turn what
 * stands beside it around. Each such character becomes U+FFFD.
 */
export const printable = (text: string): string => text.replaceAll(CONTROLS, '\ufffd');
