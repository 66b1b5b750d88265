import type { LogEvent } from './log.ts';

export type EventFilter = (event: LogEvent) => boolean;

/** What readers of everything never see: the node's own bookkeeping. */
const HIDDEN = [/^\$epoch-information$/, /^\$persistentsubscription-\$all::.*-(?:checkpoint|parked)$/s];

/** In force for every reader of `$all`, beside the filter it asked for. */
export const defaultFilter: EventFilter = ({ stream }) =>
  !stream.startsWith('$') || !HIDDEN.some((hidden) => hidden.test(stream));

/** The generated classes of both services that filter have this much in common. */
type Expression = { getRegex(): string; getPrefixList(): string[] };
type FilterOptions = {
  hasEventType(): boolean;
  getEventType(): Expression | undefined;
  getStreamIdentifier(): Expression | undefined;
};

/** By stream name or event type; by regular expression or, where that is empty, by prefixes. */
export function requestedFilter(options: FilterOptions | undefined): EventFilter {
  if (options === undefined) return defaultFilter;
  const byType = options.hasEventType();
  const expression = byType ? options.getEventType() : options.getStreamIdentifier();
  const matches = matcher(expression);
  return (event) => defaultFilter(event) && matches(byType ? event.type : event.stream);
}

function matcher(expression: Expression | undefined): (text: string) => boolean {
  const source = expression?.getRegex() ?? '';
  if (source !== '') {
    const regex = new RegExp(source, 'u');
    return (text) => regex.test(text);
  }
  const prefixes = expression?.getPrefixList() ?? [];
  return (text) => prefixes.some((prefix) => text.startsWith(prefix));
}
