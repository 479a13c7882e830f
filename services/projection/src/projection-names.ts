/** The read models that are kept from the log. */
export const projectionNames = ['proposal-status', 'proposal-moments'] as const
export type ProjectionName = (typeof projectionNames)[number]
