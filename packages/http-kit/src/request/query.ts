/** Kinds of query parameters: text on the wire, a value for the handler, the value's schema in the OpenAPI document. */
import { z } from 'zod'

/** A whole number in decimal digits. */
export function queryInteger(minimum: number, maximum: number) {
  return z.preprocess(toInteger, z.int().min(minimum).max(maximum))
}

/** A parameter that may be given several times (`stage=agreed&stage=funded`) or as a list with commas. A value that is named twice counts once. */
export function queryList<Item extends z.ZodType>(item: Item, maximum = 100) {
  return z.preprocess(toList, z.array(item).min(1).max(maximum))
}

function toInteger(text: unknown): unknown {
  // Not Number() alone: that would take '', ' 5', '0x10' and '1e3' as well, and round what is too long.
  if (typeof text !== 'string' || !/^-?\d{1,16}$/.test(text)) return text
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

function toList(given: unknown): unknown {
  if (given === undefined) return undefined
  const parts = Array.isArray(given) ? given : [given]
  return [...new Set(parts.flatMap((part) => (typeof part === 'string' ? part.split(',') : [part])))]
}
