/**
 * The most that one proposal can have. Its state, its read models and everything computed from its events are sometimes in memory as a
 * whole, in services that serve everybody else as well. Without bounds, one proposal could take the service away from all.
 *
 * Each number is ten times that of a large commitment in the real world. Events: a payment a week and a report a month over fifteen years
 * are 960; in lines of 800 bytes, the usual size, that is less than 800 KB. Parties: a consortium of fifty. Links and entries of a list: a
 * hundred, as in a committee session with everything that it led to. Levels: programme and project, with nothing between. Anything ten
 * times larger is several commitments: its parts are separate proposals, with this one as their parent. (In our first portfolio the longest
 * stream has 16 events and 18 KB, and no proposal has more than four parties.)
 */
export const bounds = {
  events: 10_000,
  /** Bytes of all lines of a proposal, as they are in the log. */
  bytes: 8 * 1024 * 1024,
  /** Parties, and separately parties that left. */
  parties: 500,
  /** Links that this proposal states to others. */
  links: 1_000,
  /** Funding lines, pledges, milestones, contributions in kind: lists that are scanned at every step. */
  list: 1_000,
  /** Parents of parents. */
  depth: 20,
  /** A chain of precedes: a committee that has met twice a year for fifty years. */
  chain: 100,
} as const
