/** The keys of issuers are read while the app is open; operators see how old they are. */
import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import { addGauge } from '../operations/gauge.ts'
import type { Check } from '../operations/health.ts'
import type { AppContext } from '../route/app-context.ts'
import type { Issuer, Tokens } from '../tokens/tokens.ts'

export function keepIssuersFresh(app: FastifyInstance, { tokens, logger }: AppContext, registry: Registry): void {
  if (tokens === null) return
  for (const warning of tokens.warnings) logger.warn(warning)
  measure(tokens, registry)
  tokens.start()
  app.addHook('onClose', (_app, done) => {
    tokens.stop()
    done()
  })
}

function measure(tokens: Tokens, registry: Registry): void {
  const ofIssuers = (name: string, help: string, value: (issuer: Issuer) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['issuer'],
      registers: [registry],
      collect() {
        this.reset()
        for (const issuer of tokens.issuers) {
          const found = value(issuer)
          if (found !== null) this.set({ issuer: issuer.settings.name }, found)
        }
      },
    })
  ofIssuers(
    'oidc_keys',
    'Keys of the issuer with which tokens are checked; 0: its tokens are answered with 503.',
    ({ keys }) => keys.count,
  )
  ofIssuers(
    'oidc_keys_age_seconds',
    'Since the keys of the issuer were asked for successfully; they hold for 24 hours.',
    ({ keys }) => (keys.age === null ? null : keys.age / 1_000),
  )
  ofIssuers(
    'oidc_keys_failed_looks',
    'How often the keys of the issuer could not be read, since the start.',
    ({ keys }) => keys.failures,
  )
  addGauge(
    registry,
    'oidc_issuers_file_broken',
    '1 if the file of issuers cannot be used and the earlier ones stay.',
    () => (tokens.isBroken ? 1 : 0),
  )
  addGauge(registry, 'oidc_tokens_kept', 'Verified tokens that are kept.', () => tokens.kept)
}

/** The readiness check of the issuers. One that gives no answer is an alarm and leaves the service ready: keys of callers work. */
export function issuerCheck(tokens: Tokens | null): Check[] {
  if (tokens === null) return []
  return [
    {
      name: 'issuers',
      isAlarm: true,
      async check() {
        const faults = tokens.issuers.flatMap(({ settings: { name }, keys }) => {
          if (keys.fault === null) return []
          const what = keys.count > 0 ? 'its earlier keys hold' : 'its tokens are answered with 503'
          return [`the keys of ${name} cannot be read (${keys.fault}); ${what}`]
        })
        if (tokens.isBroken) faults.unshift('the file of issuers cannot be used; the earlier ones stay (see the log)')
        return { ok: faults.length === 0, detail: faults.join('; ') || 'the keys of every issuer were read' }
      },
    },
  ]
}
