import { decodeWindows949 } from './windows-949.ts';

/** windows-949 extends EUC-KR and is meant by it; the Encoding Standard says so too. */
const KOREAN = /^(euc-?kr|cp-?949|uhc|ms949|windows-949|ks_?c_?5601(-19\d\d)?)$/i;
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
 */
export function decode(bytes: Uint8Array, declared = 'utf-8'): string {
  const text =
    decodedAs(declared, bytes) ??
    decodedAs('utf-8', bytes) ??
    decodeWindows949(bytes) ??
    Buffer.from(bytes).toString('latin1');
  return text.replaceAll('\0', '\ufffd');
}
