/**
 * Writes docs/errors.md: every problem type of both services, from the catalogues that their pages are made from.
 *
 *   node scripts/generate-errors.ts           writes it
 *   node scripts/generate-errors.ts --check   exits with 1 where it is out of date
 */
import { commandProblemTypes } from '@commitments/command'
import type { ProblemType } from '@commitments/http-kit'
import { projectionProblemTypes } from '@commitments/projection'
import { writeOrCheck } from './write-or-check.ts'

const introduction = `<!-- Made by scripts/generate-errors.ts from the catalogues in the code; do not edit. -->

# Errors

Every error of both services is a problem document (RFC 9457, \`application/problem+json\`):

\`\`\`json
{
  "type": "/problems/version-conflict",
  "title": "The proposal has a different version",
  "status": 412,
  "detail": "The proposal is at version 3. Read it, decide again, and send \`If-Match: \\"3\\"\`.",
  "instance": "/v1/proposals/jcm10/events",
  "code": "version-conflict",
  "requestId": "q2W8xTfA-4f"
}
\`\`\`

Programs go by \`code\`; codes are stable. People read \`detail\`, which says what would be accepted. \`type\` links to a page of
the service. \`requestId\` is also in the \`X-Request-Id\` header and in the log of the service. Some problems have
further members; \`invalid\` lists every fault of the input in \`errors: [{path, message}]\`.

Send a request again after 429, after 503 (wait for \`Retry-After\`), and after a lost connection. A repeated write must have the
\`Idempotency-Key\` of the first attempt; it is then recorded once, however often it is sent.

| status | code | when | what the client does | what the operator does |
|---|---|---|---|---|
`

type Entry = [code: string, type: ProblemType]

function byStatus([codeA, a]: Entry, [codeB, b]: Entry): number {
  return a.status - b.status || (codeA < codeB ? -1 : 1)
}

function row([code, { status, when, client, operator }]: Entry): string {
  return `| ${[status, `\`${code}\``, when, client, operator].map(cell).join(' | ')} |\n`
}

function cell(text: string | number): string {
  return String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
}

const entries = Object.entries({ ...projectionProblemTypes, ...commandProblemTypes }).toSorted(byStatus)
await writeOrCheck(
  new URL('../docs/errors.md', import.meta.url),
  introduction + entries.map(row).join(''),
  'scripts/generate-errors.ts',
)
