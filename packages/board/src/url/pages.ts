/** The paths of the board, in both directions, below the public path prefix of the service, which is usually empty. */

export type Page =
  | { readonly name: 'overview' | 'proposals' | 'activity' | 'ledger' | 'wall' }
  | { readonly name: 'proposal'; readonly proposalId: string }
  | RecordPage
  | { readonly name: 'nowhere'; readonly path: string }

/** Recording: a new proposal if no proposal is named; the choice of a type if none is named. */
export interface RecordPage {
  readonly name: 'record'
  readonly proposalId?: string
  readonly type?: string
  /** The version of the event that it concerns. */
  readonly event?: number
}

const fixed = {
  overview: '/',
  proposals: '/proposals',
  activity: '/activity',
  ledger: '/ledger',
  wall: '/wall',
} as const

export function parsePath(whole: string, base = ''): Page {
  const path = whole.startsWith(`${base}/`) ? whole.slice(base.length) : whole
  for (const name of ['overview', 'proposals', 'activity', 'ledger', 'wall'] as const) {
    if (path === fixed[name]) return { name }
  }
  if (path === '/record') return { name: 'record' }
  const record = parseRecord(path)
  if (record !== null) return record
  const [, proposalId] = /^\/proposals\/([a-z0-9][a-z0-9-]{0,79})$/.exec(path) ?? []
  return proposalId === undefined ? { name: 'nowhere', path: whole } : { name: 'proposal', proposalId }
}

function parseRecord(path: string): RecordPage | null {
  const [, proposalId, type, event] =
    /^\/proposals\/([a-z0-9][a-z0-9-]{0,79})\/record(?:\/([a-z][a-z-]{0,79})(?:\/([1-9]\d{0,8}))?)?$/.exec(path) ?? []
  if (proposalId === undefined) return null
  return { name: 'record', proposalId, ...(type && { type }), ...(event && { event: Number(event) }) }
}

export function pathOf(page: Page, base = ''): string {
  if (page.name === 'nowhere') return page.path
  if (page.name === 'record') return base + pathOfRecord(page)
  return base + (page.name === 'proposal' ? `/proposals/${page.proposalId}` : fixed[page.name])
}

function pathOfRecord({ proposalId, type, event }: RecordPage): string {
  if (proposalId === undefined) return '/record'
  return ['/proposals', proposalId, 'record', type, event].filter((step) => step !== undefined).join('/')
}
