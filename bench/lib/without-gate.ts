// Imported before a service: then no request waits at the gate for others (docs/decisions/0014-requests-in-stages.md). Nobody needs this
// in production, so the services have no setting for it.
import { registerHooks } from 'node:module'

const [gathers, never] = ['const turnsToGather = 3\n', 'const turnsToGather = 0\n']

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith('/event-loop/batch-by-turns.ts')) return loaded
    const source = String(loaded.source)
    if (!source.includes(gathers)) throw new Error('the gate is no longer where it was')
    return { ...loaded, source: source.replace(gathers, never) }
  },
})
