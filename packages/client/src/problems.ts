import { ProblemError } from './errors.ts'
import type { ProblemDocument } from './types.ts'

/** The error for an unsuccessful answer. `body` is parsed JSON, or text if it is not JSON. */
export function problemOf(response: Response, body: unknown): ProblemError {
  const problem = isProblem(body) ? body : withoutDocument(response, body)
  return new ProblemError(problem, response.status, response.headers)
}

/** The same for an answer whose body has not been read yet. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const text = await response.text()
  return problemOf(response, parsed(text))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}

/** Our services always send a document; proxies in between may not. */
function withoutDocument({ status, statusText }: Response, body: unknown): ProblemDocument {
  const detail = typeof body === 'string' && body !== '' ? body.slice(0, 300) : 'The answer has no problem document.'
  return { type: 'about:blank', title: statusText, status, code: 'no-problem-document', detail }
}
