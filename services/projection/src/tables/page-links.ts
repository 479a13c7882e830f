import type { PointInTime } from '../past/point-in-time.ts'

/**
 * The address of a proposal as it is in this list. @param publicUrl of the service; empty if it is not known, and then links have only a
 * path
 */
export function linksTo(publicUrl: string, at: PointInTime | null): (proposalId: string) => string {
  const moment = new URLSearchParams()
  if (at !== null && at.asOf !== null) moment.set('asOf', at.asOf)
  if (at !== null) moment.set('knownAtPosition', String(at.known))
  const query = moment.size === 0 ? '' : `?${moment.toString()}`
  return (proposalId) => `${publicUrl.replace(/\/$/, '')}/proposals/${proposalId}${query}`
}
