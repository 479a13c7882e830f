import { type ProblemTypes, problemTypes } from '@commitments/http-kit'

/** The problem types of this service, with the kit's. */
export const projectionProblemTypes: ProblemTypes = {
  ...problemTypes,
  'not-yet-applied': {
    status: 503,
    title: 'The read model has not applied that position yet',
    when:
      'The read was asked to show at least a certain position of the log (`atLeast`), and that was not ' +
      'applied within some seconds.',
    client:
      'Send it again after `Retry-After`. Where it stays so, compare the position with the `Log-Position` ' +
      'of the write, and `Log-Id` with its `Log-Id`.',
    operator: 'See `/health/ready` and `/v1/projections`: the projector lags or has stopped.',
  },
  'before-beginning': {
    status: 404,
    title: 'The ledger had no events then',
    when: 'A list or the portfolio was asked for at a time before the first event was known, or counted.',
    client: 'Ask for a later day, instant or position.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'too-many-downloads': {
    status: 503,
    title: 'Too many downloads at once',
    when: 'As many callers as the service allows are reading the feed or a list as a stream.',
    client: 'Send it again after `Retry-After`.',
    operator: 'Raise DOWNLOADS, or run another instance.',
  },
  'too-many-readers': {
    status: 503,
    title: 'Too many readers of the live feed',
    when: 'As many readers as the service allows are following the feed as `text/event-stream`.',
    client: 'Connect again after `Retry-After`, with the `Last-Event-ID` that you have. Nothing is lost meanwhile.',
    operator: 'Raise LIVE_READERS where memory allows it (some 70 kB each), or run another instance.',
  },
  'rebuild-running': {
    status: 409,
    title: 'A rebuild is running',
    when: 'A rebuild was asked for while another one is at work.',
    client: 'Follow it at `/v1/projections`; ask again when it is done.',
    operator: 'Nothing: one at a time is enough.',
  },
  'nothing-to-accept': {
    status: 409,
    title: 'No differences wait to be accepted',
    when: '`acceptDifferences` names a generation that no rebuild left waiting because it differs.',
    client: 'Take the number of one with the phase `differs` from `/v1/projections`, or rebuild without it.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'log-not-ready': {
    status: 503,
    title: 'The transparency log is not ready',
    when: 'Nothing of the log is signed so far, or its tree is being made anew.',
    client: 'Send it again after `Retry-After`.',
    operator: 'See `/health/ready`: it says what stands against signing, and how to go on.',
  },
  'not-in-checkpoint': {
    status: 404,
    title: 'The signed checkpoint ends before that',
    when: 'A tile, a position or a size was asked for that lies beyond the last signed checkpoint.',
    client:
      'Take a checkpoint from `/log/checkpoint` and ask for what lies within its size, which is also in `signed`. An event is covered a ' +
      'second after it was recorded at the latest.',
    operator: 'See `/health/ready` where the checkpoint stays behind the log.',
  },
  'drift-check-running': {
    status: 409,
    title: 'A check for drift is running',
    when: 'A check of all proposals was asked for while another one that was asked for is at work.',
    client: 'Follow it at `/v1/projections`; ask again when it is done.',
    operator: 'Nothing: one at a time is enough.',
  },
  'rebuild-due': {
    status: 409,
    title: 'A rebuild is due',
    when: 'A check for drift was asked for, and the read model was folded by other rules than those of this service.',
    client: 'Rebuild first (`/v1/projections/{name}/rebuild`), then ask again.',
    operator: 'Run `npm run rebuild`: the service was brought up to date, or its time zone changed.',
  },
  'unknown-projection': {
    status: 404,
    title: 'There is no such projection',
    when: 'The path names a projection that this service does not have.',
    client: 'Take the name from `/v1/projections`.',
    operator: 'Nothing: the caller has to change the request.',
  },
}
