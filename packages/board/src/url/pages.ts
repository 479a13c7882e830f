/** The paths of the board, in both directions, below the public path prefix of the service, which is usually empty. */

export type Page =
  | { readonly name: 'overview' | 'proposals' | 'activity' | 'ledger' | 'wall' }
  | { readonly name: 'proposal'; readonly proposalId: string }
  | { readonly name: 'nowhere'; readonly path: string }

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
  const [, proposalId] = /^\/proposals\/([a-z0-9][a-z0-9-]{0,79})$/.exec(path) ?? []
  return proposalId === undefined ? { name: 'nowhere', path: whole } : { name: 'proposal', proposalId }
}

export function pathOf(page: Page, base = ''): string {
  if (page.name === 'nowhere') return page.path
  return base + (page.name === 'proposal' ? `/proposals/${page.proposalId}` : fixed[page.name])
}
