import { codesOf } from '@commitments/domain'
import { projectionNameWords } from './words.ts'

/** The read models that are kept from the log. */
export const projectionNames = codesOf(projectionNameWords)
export type ProjectionName = (typeof projectionNames)[number]
