import { z } from 'zod';

/** A fact: past tense, business words. `data` is plain JSON. */
export type Event<Type extends string = string, Data = Readonly<Record<string, unknown>>> = {
  readonly type: Type;
  readonly data: Data;
};

/** A fact as it was before the current version of its schema. */
export type Upcast = (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

export type EventDefinition = {
  readonly schema: z.ZodObject;
  /** Version 1 has no upcasts; `upcasts[0]` turns version 1 into 2, and so on: the version written is `upcasts.length + 1`. */
  readonly upcasts: readonly Upcast[];
  /** Fields of `data` that are about a person or written by one; the codec seals them with the key of the member `memberId` names. */
  readonly personal: readonly string[];
  /** Personal fields that read models keep sealed: nothing is looked up by them, and there are many. */
  readonly keptSealed: readonly string[];
};

/** Fields that hold text, or nothing: only text is sealed. */
type TextField<Data> = {
  [Field in keyof Data & string]-?: Data[Field] extends string | null | undefined ? Field : never;
}[keyof Data & string];

/** Declares an event type: its schema, which fields are personal, how older versions are read. */
export function defineEvent<Schema extends z.ZodObject>(
  schema: Schema,
  options: {
    personal?: readonly TextField<z.infer<Schema>>[];
    keptSealed?: readonly TextField<z.infer<Schema>>[];
    upcasts?: readonly Upcast[];
  } = {},
) {
  const { personal = [], keptSealed = [], upcasts = [] } = options;
  return { schema, personal, keptSealed, upcasts } satisfies EventDefinition;
}

/** The union of events declared in one table of definitions. */
export type EventsOf<Definitions extends Record<string, EventDefinition>> = {
  [Type in keyof Definitions & string]: Event<Type, Readonly<z.infer<Definitions[Type]['schema']>>>;
}[keyof Definitions & string];

/** An instant in UTC as ISO 8601, e.g. `2025-03-10T14:59:00Z`. */
export const instantSchema = z.iso.datetime({ offset: false });
/** A local calendar day, `2025-03-10`; its zone is that of the challenge it is used in. */
export const daySchema = z.iso.date();
