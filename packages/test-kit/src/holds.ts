import * as fc from 'fast-check'
import type { Test } from 'tap'

/**
 * Asserts that a property holds for random values. The seed is printed, also where it holds, so that a run can be called back:
 * `SEED=<number>` repeats it.
 */
export function holds<Values>(t: Test, property: fc.IProperty<Values>, options: fc.Parameters<Values> = {}): void {
  const { SEED } = process.env
  const seed = SEED === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(SEED)
  t.comment(`seed ${seed}`)
  fc.assert(property, { seed, ...options })
  t.pass('the property holds')
}
