/**
 * Gathers what comes in bursts (a push of many commits) and hands it on together, each thing once, `ms` after the first.
 */
export function gather<Item>(
  ms: number,
  hand: (items: Item[]) => void,
): { add(items: readonly Item[]): void; forget(): void } {
  const waiting = new Set<Item>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add(items) {
      for (const item of items) waiting.add(item);
      timer ??= setTimeout(() => {
        timer = undefined;
        const gathered = [...waiting];
        waiting.clear();
        hand(gathered);
      }, ms);
    },
    forget() {
      clearTimeout(timer);
      timer = undefined;
      waiting.clear();
    },
  };
}
