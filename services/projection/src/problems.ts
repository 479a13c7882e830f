import { type ProblemTypes, problemTypes } from '@commitments/http-kit'

/** Problems that only this service answers with. */
export const ownProblems = {
  'not-yet-applied': {
    status: 503,
    title: 'The read model has not applied that position yet',
    when: 'The read asks for a minimum position of the log (`atLeast`), which was not applied within some seconds.',
    client:
      'Send it again after `Retry-After`. If the problem persists, compare the position with the `Log-Position` of the write, and `Log-Id` with its `Log-Id`.',
    operator: 'See `/health/ready` and `/v1/projections`: the projector lags or has stopped.',
  },
  'before-beginning': {
    status: 404,
    title: 'The ledger had no events then',
    when: 'The request is for a list or the portfolio at a time before the first event was known, or counted.',
    client: 'Ask for a later day, instant or position.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'too-many-downloads': {
    status: 503,
    title: 'Too many downloads at once',
    when: 'The maximum number of callers is already reading the feed, a list, a table or a workbook as a stream.',
    client: 'Send it again after `Retry-After`.',
    operator: 'Raise DOWNLOADS, or run another instance.',
  },
  'too-many-proposals': {
    status: 413,
    title: 'Too many proposals for a workbook',
    when: 'A workbook (XLSX) was requested of more proposals (`total`) than one may have (`most`).',
    client: 'Use the CSV of each table, which has no such limit, or narrow the view by filters.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'too-many-readers': {
    status: 503,
    title: 'Too many readers of the live feed',
    when: 'The maximum number of readers is already following the feed or the changes as `text/event-stream`.',
    client: 'Connect again after `Retry-After`, with the `Last-Event-ID` that you have. Nothing is lost meanwhile.',
    operator: 'Raise LIVE_READERS if memory allows it (about 70 kB each), or run another instance.',
  },
  'not-configured': {
    status: 404,
    title: 'This is not configured here',
    when: 'The publication to IATI is requested, and this ledger is not published (IATI_FILE is absent); or webhooks, and none are sent from here (WEBHOOK_KEY_FILE is absent).',
    client: 'Ask the operator, or read the ledger in another form.',
    operator:
      'IATI: write a file with the reporting organisation and name it in IATI_FILE; docs/iati.md says how. Webhooks: make a file with a key and name it in WEBHOOK_KEY_FILE; docs/webhooks.md says how.',
  },
  'not-exportable': {
    status: 409,
    title: 'The proposal cannot be published to IATI',
    when: 'The proposal fails rules of IATI at the requested moment: `rules` names each with what would mend it.',
    client: 'Complete the named members of the record (`complete`), or ask the operator for those of the settings.',
    operator: 'Where `complete` begins with IATI_FILE: complete the settings, and start the service again.',
  },
  'nothing-to-export': {
    status: 409,
    title: 'Nothing can be published to IATI',
    when: 'No proposal of the requested file passes the rules of IATI at that moment; a file without activities is not valid.',
    client: 'Read `report`: it says for each proposal which rules it fails, and what would mend it.',
    operator: 'Compare the settings (kinds, sectors, country) with the report.',
  },
  'rebuild-running': {
    status: 409,
    title: 'A rebuild is running',
    when: 'A rebuild was requested while another one is running.',
    client: 'Follow the running one at `/v1/projections`; ask again when it is done.',
    operator: 'Nothing: only one may run at a time.',
  },
  'nothing-to-accept': {
    status: 409,
    title: 'No differences wait to be accepted',
    when: '`acceptDifferences` names a generation that no rebuild left waiting because it differs.',
    client:
      'Take the number of a generation in the phase `differs` from `/v1/projections`, or rebuild without `acceptDifferences`.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'log-not-ready': {
    status: 503,
    title: 'The transparency log is not ready',
    when: 'Nothing of the log is signed yet, or its tree is being rebuilt.',
    client: 'Send it again after `Retry-After`.',
    operator: 'See `/health/ready`: it says what prevents signing and how to continue.',
  },
  'log-replaced': {
    status: 410,
    title: 'Another log has replaced this one',
    when: 'The path names a log that ended with an accepted restore. What was kept of it stays as it was signed; nothing more of it is served.',
    client:
      'Read the present log (`presentLogId`). `/v1/log/forks` has the last signed checkpoint of the old one: compare what you kept with it.',
    operator: 'Nothing: a restore was accepted, and that is on record.',
  },
  'not-in-checkpoint': {
    status: 404,
    title: 'It is beyond the signed checkpoint',
    when: 'The requested tile, position or size is beyond the last signed checkpoint.',
    client:
      'Take a checkpoint from `/log/checkpoint` and stay within its size, which is also in `signed`. An event is covered within a second after it is recorded.',
    operator: 'If the checkpoint stays behind the log, see `/health/ready`.',
  },
  'drift-check-running': {
    status: 409,
    title: 'A check for drift is running',
    when: 'A check of all proposals was requested while another requested one is running.',
    client: 'Follow the running one at `/v1/projections`; ask again when it is done.',
    operator: 'Nothing: only one may run at a time.',
  },
  'rebuild-due': {
    status: 409,
    title: 'A rebuild is due',
    when: 'A check for drift was requested, but the read model was folded by rules other than those of this service.',
    client: 'Rebuild first (`/v1/projections/{name}/rebuild`), then ask again.',
    operator: 'Run `npm run rebuild`: the service was updated, or its time zone changed.',
  },
  'only-reads': {
    status: 409,
    title: 'This instance only reads',
    when: 'The call would write, and the instance runs with `PROJECTION_MODE=read`, as on a standby.',
    client: 'Send it to an instance that applies the log.',
    operator: 'Send calls that need the scope `admin` to an instance without `PROJECTION_MODE=read`.',
  },
  'unknown-webhook': {
    status: 404,
    title: 'You have no such endpoint',
    when: 'The path names an endpoint of webhooks that is not there, or that belongs to another caller.',
    client: 'Take the name from `/v1/webhooks`.',
    operator: 'Nothing: the caller has to change the request. A key with `admin` beside `webhooks` sees all endpoints.',
  },
  'webhook-name-taken': {
    status: 409,
    title: 'The name of the endpoint is taken',
    when: 'An endpoint of webhooks is to be made under a name that belongs to another caller.',
    client: 'Choose another name, such as one that begins with that of your institution.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'too-many-webhooks': {
    status: 409,
    title: 'Too many endpoints',
    when: 'The caller has as many endpoints of webhooks as one may have, or the ledger has (`most`).',
    client: 'Delete one that you do not need, or use one endpoint with a wider filter.',
    operator: 'See `/v1/webhooks` with a key that has `admin` and `webhooks`: delete what nobody needs.',
  },
  'unknown-projection': {
    status: 404,
    title: 'There is no such projection',
    when: 'The path names a projection that this service does not have.',
    client: 'Take the name from `/v1/projections`.',
    operator: 'Nothing: the caller has to change the request.',
  },
} as const satisfies ProblemTypes

export type OwnProblemCode = keyof typeof ownProblems

/** The problem types of this service, including those of http-kit. */
export const projectionProblemTypes: ProblemTypes = { ...problemTypes, ...ownProblems }
