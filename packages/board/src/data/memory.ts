/** The latest answers, so that Back and a slider that returns show them at once. */
import type { LogPoint } from '@commitments/client'

interface Kept<Value> extends LogPoint {
  readonly value: Value
  readonly key: string
  /** Whether it can never change: an answer for a moment with a given position of the log. */
  readonly settled?: boolean
}

let atMost = 300
const answers = new Map<string, Kept<unknown>>()

export function kept<Value>(key: string): Kept<Value> | undefined {
  return answers.get(key) as Kept<Value> | undefined
}

/** Whether the answer to a request can never change. */
export function isSettled(key: string): boolean {
  return /[?&]knownAtPosition=/.test(key)
}

export function keep<Value>(key: string, answer: Kept<Value>): void {
  answers.delete(key)
  answers.set(key, { ...answer, settled: isSettled(key) })
  for (const oldest of answers.keys()) {
    if (answers.size <= atMost) break
    answers.delete(oldest)
  }
}

/** For a page that nobody leaves, and that is open for weeks. */
export function rememberAtMost(count: number): void {
  atMost = count
}

/** If the log was replaced, nothing that was read from it is valid. */
export function forgetAll(): void {
  answers.clear()
}
