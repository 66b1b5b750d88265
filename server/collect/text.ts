/** Labels that git's iconv knows and the Encoding Standard calls otherwise; windows-949 extends EUC-KR and is meant by it. */
const OTHER_NAMES = new Map([
  ['cp949', 'euc-kr'],
  ['uhc', 'euc-kr'],
  ['ms949', 'euc-kr'],
  ['euckr', 'euc-kr'],
  ['eucjp', 'euc-jp'],
]);
const decoders = new Map<string, TextDecoder | null>();

function decoderFor(label: string): TextDecoder | null {
  const name = OTHER_NAMES.get(label.toLowerCase()) ?? label;
  let decoder = decoders.get(name);
  if (decoder === undefined) {
    try {
      decoder = new TextDecoder(name, { fatal: true });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      decoder = null; // no such encoding
    }
    // Labels come from commits: there may be as many as somebody likes to invent.
    if (decoders.size < 100) decoders.set(name, decoder);
  }
  return decoder;
}

function decodedAs(label: string, bytes: Uint8Array): string | null {
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
    decodedAs('euc-kr', bytes) ??
    Buffer.from(bytes).toString('latin1');
  return text.replaceAll('\0', '\ufffd');
}
