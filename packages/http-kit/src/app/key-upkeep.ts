/** Keys can change while the service runs: the key file and that of issuers are checked once a second, and answers to callers whose key or token is gone are ended. */
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { ApiKeys } from '../keys/api-keys.ts'
import { hasToken } from '../keys/key-entries.ts'
import { addGauge } from '../operations/gauge.ts'
import type { Check } from '../operations/health.ts'
import type { AppContext } from '../route/app-context.ts'
import type { AppsBehind } from './apps-behind.ts'

/** Milliseconds between two checks of the key file, and of the keys of callers that are being answered. */
const lookEvery = 1_000

/** Checks the keys as long as the app is open. `app.refreshKeys()` reads the files at once. */
export function keepKeysFresh(
  app: FastifyInstance,
  context: AppContext,
  registry: Registry,
  behind: Pick<AppsBehind, 'apps'>,
): void {
  app.decorate('refreshKeys', async () => {
    await refresh(context, true)
    for (const one of behind.apps()) await one.refreshKeys()
  })
  const timer = setInterval(() => {
    void refresh(context, false)
    endWithoutKey(context)
  }, lookEvery)
  timer.unref()
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    done()
  })
  measure(context.keys, registry)
}

async function refresh(context: AppContext, always: boolean): Promise<void> {
  // One after the other: each is judged beside the other as it is now. A public key that moves from one file to the other is taken at the next look.
  await refreshKeys(context, always)
  await refreshIssuers(context, always)
}

async function refreshIssuers({ keys, tokens, logger }: AppContext, always: boolean): Promise<void> {
  const reloaded = await tokens?.reload(always, keys.signers())
  if (reloaded?.outcome === 'kept') {
    const { mistakes } = reloaded
    logger.error({ mistakes }, 'the file of issuers cannot be used; the issuers that were read before stay')
  } else if (reloaded?.outcome === 'read') {
    logger.info({ issuers: reloaded.issuers }, 'the file of issuers was read again')
    for (const warning of reloaded.warnings) logger.warn(warning)
  }
}

async function refreshKeys({ keys, tokens, logger }: AppContext, always: boolean): Promise<void> {
  const reloaded = await keys.reload(always, tokens?.signers() ?? [])
  if (reloaded.outcome === 'kept') {
    const { mistakes } = reloaded
    logger.error({ mistakes }, 'the key file cannot be used; the keys that were read before hold')
  } else if (reloaded.outcome === 'read') {
    logger.info({ keys: reloaded.size }, 'the key file was read again')
    for (const warning of reloaded.warnings) logger.warn(warning)
  }
}

/**
 * A key that was revoked, has expired, or now has fewer rights ends what it had begun; otherwise a live feed would continue for days. So does
 * a token that has expired, or whose issuer has withdrawn its key.
 */
function endWithoutKey({ keys, tokens, logger, answering }: AppContext): void {
  for (const request of answering) {
    const { caller } = request
    const { socket } = request.raw
    // Requests whose reader left in the middle are not reported otherwise.
    if (caller === null || socket.destroyed) answering.delete(request)
    else if (!(hasToken(caller) ? (tokens?.holds(caller) ?? false) : keys.holds(caller))) {
      const who = { requestId: request.id, [hasToken(caller) ? 'caller' : 'key']: caller.name }
      logger.warn(who, `an answer is cut: its ${hasToken(caller) ? 'token' : 'key'} does not hold any longer`)
      socket.destroy()
    }
  }
}

function measure(keys: ApiKeys, registry: Registry): void {
  addGauge(registry, 'api_keys', 'Keys that are known, by name.', () => keys.size)
  addGauge(registry, 'api_keys_file_broken', '1 if the key file cannot be used and the earlier keys still hold.', () =>
    keys.file?.broken ? 1 : 0,
  )
}

/** The readiness check of the key file. A broken file is an alarm and leaves the service ready: the keys that it had stay valid. */
export function keyCheck(keys: ApiKeys): Check[] {
  if (keys.file === null) return []
  return [
    {
      name: 'keys',
      isAlarm: true,
      async check() {
        const { broken = false, readAt } = keys.file ?? {}
        const detail = broken
          ? `the key file cannot be used; the keys of ${readAt?.toISOString()} hold (see the log)`
          : 'the key file was read'
        return { ok: !broken, detail }
      },
    },
  ]
}
