import * as fc from 'fast-check'
import type { Test } from 'tap'
import { search } from './search.ts'

/** Asserts that a property holds for random values: a hundred by default, and ten times as many in a soak. */
export function holds<Values>(
  t: Test,
  property: fc.IProperty<Values>,
  { numRuns = 100, ...options }: fc.Parameters<Values> = {},
): void {
  fc.assert(property, { ...search(t, numRuns), ...options })
  t.pass('the property holds')
}
