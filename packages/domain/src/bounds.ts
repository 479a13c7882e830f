/**
 * How much one proposal may hold. Its state, its read models and whatever is worked out of its events are in memory as a whole at times,
 * in services that serve everybody else as well: what has no bound would let one proposal take the service from all.
 *
 * Each number is ten times what a large commitment of the real world comes to. Of events: a payment a week and a report a month over
 * fifteen years are 960; in lines of 800 bytes, which is what such events take, that is less than 800 KB. Of parties: a consortium of
 * fifty. Of links and of entries of a list: a hundred, as of a committee session with all that it led to. Of levels: programme and project,
 * with none between. What is larger than ten times that is several commitments: its parts are proposals of their own, with this one as
 * their parent. (Of our first portfolio the longest stream has 16 events and 18 KB, and no proposal more than four parties.)
 */
export const bounds = {
  events: 10_000,
  /** Bytes of all lines of a proposal, as they stand in the log. */
  bytes: 8 * 1024 * 1024,
  /** Parties, and likewise parties that left. */
  parties: 500,
  /** What this proposal says that it is to others. */
  links: 1_000,
  /** Of funding lines, of pledges, of milestones, of contributions in kind: whatever is gone through at every step. */
  list: 1_000,
  /** Parents of parents. */
  depth: 20,
  /** What precedes what precedes …: a committee that has met twice a year for fifty years. */
  chain: 100,
} as const
