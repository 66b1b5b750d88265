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
  /**
   * Fields of `data` that are about a person or written by one, texts or lists of texts; the codec seals them with the key of the member
   * `memberId` names.
   */
  readonly personal: readonly string[];
  /** Personal texts that read models keep sealed: nothing is looked up by them, and there are many. */
  readonly keptSealed: readonly string[];
};

/** Fields that hold this, or nothing. */
type FieldOf<Data, Content> = {
  [Field in keyof Data & string]-?: Data[Field] extends Content | null | undefined ? Field : never;
}[keyof Data & string];
/** Only texts and lists of texts are sealed, and only with the key of a member. */
type Personal<Data, Content> = Data extends { memberId: string } ? FieldOf<Data, Content> : never;

/**
 * Declares an event type: its schema, which fields are personal, how older versions are read.
 * @throws {TypeError} for personal fields of an event about nobody, which would be written in clear
 */
export function defineEvent<Schema extends z.ZodObject>(
  schema: Schema,
  options: {
    personal?: readonly Personal<z.infer<Schema>, string | readonly string[]>[];
    keptSealed?: readonly Personal<z.infer<Schema>, string>[];
    upcasts?: readonly Upcast[];
  } = {},
) {
  const { personal = [], keptSealed = [], upcasts = [] } = options;
  const shape: z.core.$ZodShape = schema.shape;
  if (personal.length > 0 && shape['memberId']?._zod.def.type !== 'string')
    throw new TypeError(`${personal.join(', ')} can be sealed only where memberId, a string, says whose it is.`);
  for (const field of keptSealed)
    if (!personal.some((one) => one === field))
      throw new TypeError(`${field} can be kept sealed only where it is personal.`);
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
