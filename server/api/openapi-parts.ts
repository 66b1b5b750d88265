import { STATUS_CODES } from 'node:http';

/** A part of an OpenAPI document. */
export type Json = { [key: string]: unknown };

const error = (status: number): [number, Json] => [
  status,
  {
    description: STATUS_CODES[status] ?? 'Error',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  },
];
/** A parameter that is a text. */
export const parameter = (
  name: string,
  place: 'query' | 'path' | 'header',
  description: string,
  required = false,
): Json => ({
  name,
  in: place,
  description,
  required,
  schema: { type: 'string' },
});
/** The answers of an operation: what comes of it, and the errors by their statuses. */
export const responses = (done: Json, ...errors: number[]): Json => ({
  ...done,
  ...Object.fromEntries(errors.map(error)),
});
