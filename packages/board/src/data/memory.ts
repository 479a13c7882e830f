/** The latest answers, so that Back and a slider that returns show them at once. */
import type { LogPoint } from '@commitments/client'

interface Kept<Value> extends LogPoint {
  readonly value: Value
  readonly key: string
  /** Whether it can never change: an answer for a moment with a given position of the log. */
  readonly settled?: boolean
}

const atMost = 300
const answers = new Map<string, Kept<unknown>>()

export function kept<Value>(key: string): Kept<Value> | undefined {
  return answers.get(key) as Kept<Value> | undefined
}

export function keep<Value>(key: string, answer: Kept<Value>): void {
  answers.delete(key)
  answers.set(key, { ...answer, settled: /[?&]knownAtPosition=/.test(key) })
  for (const oldest of answers.keys()) {
    if (answers.size <= atMost) break
    answers.delete(oldest)
  }
}

/** If the log was replaced, nothing that was read from it is valid. */
export function forgetAll(): void {
  answers.clear()
}
