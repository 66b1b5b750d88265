/** Statuses a person can meet before any page is asked, as they are told of them: in Korean, and in English. */
const TEXTS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['주소를 읽을 수 없습니다.', 'This address cannot be read.'],
  403: [
    '다른 사이트나 다른 이름으로는 이 서버를 쓸 수 없습니다.',
    'This server is not for other sites, nor by other names.',
  ],
  429: ['요청이 너무 많습니다. 잠시 뒤 다시 열어 주세요.', 'Too many requests. Please try again in a moment.'],
  503: [
    '지금은 답할 수 없습니다. 잠시 뒤 다시 열어 주세요.',
    'There is no answer right now. Please try again in a moment.',
  ],
};
const OTHERWISE = ['무언가 잘못되었습니다.', 'Something went wrong.'] as const;

/** Whether a request asks for a page to read, as a browser does that goes somewhere. */
export const wantsPage = (accept: string | undefined): boolean => /^text\/html\b/.test(accept ?? '');

/**
 * What a person sees who is refused before the dashboard is asked: a page of text, which needs nothing else of a server that may
 * have nothing else to give.
 * @param seconds when to try again
 */
export function refusalPage(status: number, seconds: string | null): string {
  const [korean, english] = TEXTS[status] ?? OTHERWISE;
  const again = seconds === null ? ['', ''] : [` (${seconds}초)`, ` (${seconds} s)`];
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Almanac · ${status}</title>
</head>
<body>
<main>
<h1>${korean}${again[0]}</h1>
<p lang="en">${english}${again[1]}</p>
<p><a href="/">Almanac</a></p>
</main>
</body>
</html>
`;
}
