import { readFileSync } from 'node:fs'
import type { AnswerExamples } from './responses.ts'

/** The examples of a service's answers, from a file of its sources. */
export function readExamples(file: URL): AnswerExamples {
  return JSON.parse(readFileSync(file, 'utf8')) as AnswerExamples
}
