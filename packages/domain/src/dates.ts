import { z } from 'zod'
import { accepts } from './schema.ts'
import type * as when from './when.ts'
import { acceptedDates, isDay, longestWhen, whenFault } from './when.ts'

export * from './when.ts'
export type Day = when.Day
export type When = when.When

/** Schema of a known date. Every date may be unknown, so members of events are `When.nullable()`. */
export const When = z
  .string({ error: accepts(acceptedDates) })
  .check((payload) => {
    const fault = whenFault(payload.value)
    if (fault === undefined) return
    const message = fault === acceptedDates ? accepts(acceptedDates)({ input: payload.value }) : fault
    payload.issues.push({ code: 'custom', message, input: payload.value })
  })
  .meta({
    id: 'When',
    maxLength: longestWhen,
    description:
      'A date as precisely as it is known (a subset of ISO 8601-2, EDTF): `2023`, `2023-06`, `2023-06-22`; `2023-09-18/2023-09-19` or ' +
      '`2024/..` for something that lasts; `[2018..2023]`, `[..2023]`, `[2018..]` for an unknown day in between.',
    examples: ['2024-07', '2023-09-18/2023-09-19', '[2018..]'],
  })

const dayError = accepts('must be a day of the calendar, such as 2023-06-22')

/** Schema of a day of the calendar. */
export const Day = z
  .string({ error: dayError })
  .max(10, { error: dayError, abort: true })
  .refine(isDay, { error: dayError })
  .meta({ id: 'Day', description: 'A day of the calendar, `YYYY-MM-DD`.', examples: ['2023-06-22'], format: 'date' })
