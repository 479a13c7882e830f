/** Answers that are tested in another file: its path (it must contain the code), and why that is better. */
export interface Elsewhere {
  readonly file: string
  readonly because: string
}

const rules = {
  file: 'packages/domain/test/refusals.test.ts',
  because: 'a rule of the domain: refusals all take the way that `already-proposed` takes here',
}
const failedAppend = {
  file: 'services/command/test/faults/database.test.ts',
  because: 'needs a database that stands still while an event is being written',
}
const ownFault = {
  file: 'packages/http-kit/test/problems.test.ts',
  because: 'answers from memory, so that only a mistake in the handler itself could bring it about',
}
const otherRules = {
  file: 'services/projection/test/drift/drift.test.ts',
  because: 'needs a read model that other rules folded',
}
const endless = {
  file: 'services/projection/test/live/live.test.ts',
  because: 'needs a reader of a stream that has no end, over a connection of its own',
}
const faultsAre503 = {
  file: 'packages/http-kit/test/problems.test.ts',
  because: 'whatever keeps it from reading the log is 503',
}
const guesses = {
  file: 'packages/http-kit/test/guessing.test.ts',
  because:
    'its requests are not counted, so it needs thirty wrong keys, which would make the address suspect to all others',
}
const byTwo = {
  file: 'tests/erasure.test.ts',
  because: 'needs two callers, one after the other',
}
const silence = {
  file: 'services/command/test/faults/bulk-stream.test.ts',
  because: 'needs a body that does not end, over a connection of its own',
}
const standby = {
  file: 'tests/standby.test.ts',
  because: 'needs an instance that reads from a standby',
}
const inBackground = {
  file: 'packages/http-kit/test/problems.test.ts',
  because: 'only starts what goes on in the background, whose faults are shown by `/v1/projections` and the log',
}

/** By answer, for every operation that documents it. */
export const elsewhereByAnswer: Readonly<Record<string, Elsewhere>> = {
  '503 outcome-unknown': failedAppend,
}

/** By service, operation and answer. */
export const elsewhere: Readonly<Record<string, Elsewhere>> = {
  ...forAll(
    [
      'getLiveness',
      'getReadiness',
      'getMetrics',
      'listProblemTypes',
      'getProblemType',
      'getProblemStyle',
      'getResourceMetadata',
      'getOpenApi',
      'getOpenApi30',
    ],
    '500 internal',
    ownFault,
  ),
  ...Object.fromEntries(
    [
      'proposeErasure 409 not-erasable',
      ...['200', '409 not-erasable', '409 erasure-expired', '409 erasure-by-two'].map(
        (answer) => `approveErasure ${answer}`,
      ),
    ].map((answer) => [`command ${answer}`, byTwo]),
  ),
  ...Object.fromEntries(
    ['listErasures', 'proposeErasure', 'approveErasure'].map((id) => [`command ${id} 500 internal`, faultsAre503]),
  ),
  'command getMetrics 429 too-many-requests': guesses,
  'projection getMetrics 429 too-many-requests': guesses,
  'command recordEvents 408 request-timeout': silence,
  'projection readFeed 503 too-many-readers': endless,
  'projection listChanges 503 too-many-readers': endless,
  'projection listEventTypes 500 internal': ownFault,
  'projection getVocabulary 500 internal': ownFault,
  'projection readTablesMetadata 500 internal': ownFault,
  'projection readWorkbook 413 too-many-proposals': {
    file: 'services/projection/test/tables/workbook.test.ts',
    because: 'needs more proposals than a test records',
  },
  'projection readAuditProgram 500 internal': ownFault,
  'projection readAuditProgramDigest 500 internal': ownFault,
  'projection readAuditDocument 500 internal': ownFault,
  'projection rebuildProjection 500 internal': inBackground,
  'projection checkDrift 500 internal': inBackground,
  'projection checkDrift 409 rebuild-due': otherRules,
  'projection checkDrift 409 only-reads': standby,
  'projection rebuildProjection 409 only-reads': standby,
  'projection readFeed 503 not-yet-applied': standby,
  'projection putWebhook 409 too-many-webhooks': ofEndpoints('needs as many endpoints as a caller may have'),
  ...Object.fromEntries(
    ['putWebhook', 'changeWebhook', 'deleteWebhook', 'renewWebhookSecret', 'testWebhook'].map((id) => [
      `projection ${id} 409 only-reads`,
      ofEndpoints('needs an instance that only reads'),
    ]),
  ),
}

/** Codes of the domain's rules; `409 <code>` of the operations that record. */
export const ruleElsewhere: Elsewhere = rules

function ofEndpoints(because: string): Elsewhere {
  return { file: 'services/projection/test/webhooks/endpoints.test.ts', because }
}

function forAll(operationIds: readonly string[], answer: string, where: Elsewhere): Record<string, Elsewhere> {
  const names = operationIds.flatMap((id) => [`command ${id} ${answer}`, `projection ${id} ${answer}`])
  return Object.fromEntries(names.map((name) => [name, where]))
}
