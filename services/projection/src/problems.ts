import { type ProblemTypes, problemTypes } from '@commitments/http-kit'

/** The problem types of this service, with the kit's. */
export const projectionProblemTypes: ProblemTypes = {
  ...problemTypes,
  'not-yet-applied': {
    status: 503,
    title: 'The read model is not that far',
    when:
      'The read was asked to show at least a certain position of the log (`atLeast`), and that was not ' +
      'applied within some seconds.',
    client:
      'Send it again after `Retry-After`. Where it stays so, compare the position with the `Log-Position` ' +
      'of the write, and `Log-Id` with its `Log-Id`.',
    operator: 'See `/health/ready` and `/v1/projections`: the projector lags or stands still.',
  },
  'before-beginning': {
    status: 404,
    title: 'There was nothing then',
    when: 'A list or the portfolio was asked for at a moment before anything was known, or in force.',
    client: 'Ask for a later moment.',
    operator: 'Nothing: the caller has to change the request.',
  },
  'moments-missing': {
    status: 503,
    title: 'The read model has to be rebuilt',
    when:
      'Another moment than now was asked for, and the read model was made by an earlier version of the service, which did ' +
      'not keep other moments.',
    client: 'Questions about now are answered. Ask again when the operator has rebuilt the read model.',
    operator:
      'Run `npm run rebuild` once; the service goes on meanwhile. Where it stops because the generations differ, it may be for ' +
      'the moments alone, which the old one lacks: accept the new one by its number.',
  },
  'too-many-downloads': {
    status: 503,
    title: 'Too many downloads at once',
    when: 'As many callers as the service allows are reading the feed or a list as a stream.',
    client: 'Send it again after `Retry-After`.',
    operator: 'Raise DOWNLOADS, or run another instance.',
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
  'unknown-projection': {
    status: 404,
    title: 'There is no such projection',
    when: 'The path names a projection that this service does not have.',
    client: 'Take the name from `/v1/projections`.',
    operator: 'Nothing: the caller has to change the request.',
  },
}
