import { decodeWindows949 } from './windows-949.ts';

/** windows-949 extends EUC-KR and is meant by it; the Encoding Standard says so too. */
const KOREAN = /^(euc-?kr|cp-?949|uhc|ms949|windows-949|ks_?c_?5601(-19\d\d)?)$/i;
/** No character has more than four bytes. */
const MOST_MISSING = 3;
const decoders = new Map<string, TextDecoder | null>();

function decoderFor(label: string): TextDecoder | null {
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    try {
      decoder = new TextDecoder(label, { fatal: true });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      decoder = null; // no such encoding
    }
    // Labels come from commits: there may be as many as somebody likes to invent.
    if (decoders.size < 100) decoders.set(label, decoder);
  }
  return decoder;
}

function decodedAs(label: string, bytes: Uint8Array): string | null {
  if (KOREAN.test(label)) return decodeWindows949(bytes);
  try {
    return decoderFor(label)?.decode(bytes) ?? null;
  } catch (error) {
    if (error instanceof TypeError) return null; // not in this encoding
    throw error;
  }
}

/**
 * Text of a commit: in the encoding it declares, else UTF-8, else EUC-KR (what Korean editors wrote before), else latin1, which
 * takes any byte. NUL, which no editor writes, becomes U+FFFD.
 * @param cutOff the bytes are the beginning of more: the last character may be there in part, and is left out then
 */
export function decode(bytes: Uint8Array, declared = 'utf-8', cutOff = false): string {
  for (const label of [declared, 'utf-8', 'euc-kr'])
    for (let missing = 0; missing <= (cutOff ? MOST_MISSING : 0); missing += 1) {
      const text = decodedAs(label, bytes.subarray(0, Math.max(0, bytes.length - missing)));
      if (text !== null) return text.replaceAll('\0', '\ufffd');
    }
  return Buffer.from(bytes).toString('latin1').replaceAll('\0', '\ufffd');
}
