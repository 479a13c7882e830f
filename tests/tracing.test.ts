/** A request is followed by OpenTelemetry from its answer to the log, and from the log into the read models. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { openTracing } from '@commitments/http-kit'
import { agreed, eventually, keyFile, proposed, secretOf } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

interface Sent {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  /** Nanoseconds since 1970. */
  readonly from: bigint
  readonly to: bigint
}

interface Part {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

type Export = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Part[] }
    readonly scopeSpans: readonly { readonly spans: readonly Record<string, never>[] }[]
  }[]
}

function members(parts: readonly Part[]): Record<string, unknown> {
  return Object.fromEntries(parts.map(({ key, value }) => [key, Object.values(value)[0]]))
}

function spansIn({ resourceSpans }: Export): Sent[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(members(resource.attributes)['service.name']),
        name: String(span['name']),
        traceId: String(span['traceId']),
        spanId: String(span['spanId']),
        parentSpanId: span['parentSpanId'],
        attributes: members(span['attributes'] ?? []),
        from: BigInt(span['startTimeUnixNano'] ?? 0),
        to: BigInt(span['endTimeUnixNano'] ?? 0),
      })),
    ),
  )
}

/** A receiver of OTLP over HTTP, as a collector is. */
async function startCollector(t: Test, status = 200) {
  const spans: Sent[] = []
  const paths: string[] = []
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    paths.push(`${request.method} ${request.url}`)
    const body = await text(request)
    if (status === 200) spans.push(...spansIn(JSON.parse(body)))
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  t.after(() => server.closeAllConnections() ?? server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, paths }
}

async function open(t: Test, environment: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(environment)) process.env[name] = value
  t.after(() => Object.keys(environment).forEach((name) => delete process.env[name]))
  const [ofCommand, ofProjection] = await Promise.all(
    ['commitments-command', 'commitments-projection'].map((name) => openTracing(environment, name)),
  )
  const services = await startServices(t, {
    environment: { API_KEYS_FILE: keyFile(t, [{ name: 'registry', scopes: ['record', 'read'] }]) },
    command: { tracing: ofCommand ?? null },
    projection: { tracing: ofProjection ?? null },
  })
  const record = (proposalId: string, payload: object, traceparent?: string) =>
    services.command.app.inject({
      method: 'POST',
      url: `/v1/proposals/${proposalId}/events`,
      headers: { authorization: `Bearer ${secretOf('registry')}`, ...(traceparent && { traceparent }) },
      payload,
    })
  const flush = async () => {
    await ofCommand?.close()
    await ofProjection?.close()
  }
  return { ...services, record, flush }
}

const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const header = `00-${caller.traceId}-${caller.spanId}-01`

t.test(
  'a recorded event is one trace: the request of the caller, the batch, and the read model that shows it',
  async (t) => {
    const collector = await startCollector(t)
    const { record, projection, flush } = await open(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const answer = await record('lab', proposed(), header)
    t.equal(answer.statusCode, 201, answer.body)
    const { traceparent } = answer.json()
    await projection.applied(1)
    t.equal((await projection.get('/v1/proposals/lab')).statusCode, 200)
    await eventually(async () => (await projection.get('/health/ready')).statusCode === 200)
    await flush()
    const ofTrace = collector.spans.filter(({ traceId }) => traceId === caller.traceId)
    const [request, append, apply] = [
      'POST /v1/proposals/:proposalId/events',
      'append_events',
      'apply proposal-status',
    ].map((name) => ofTrace.find((span) => span.name === name))
    t.same(ofTrace.map(({ service, name }) => `${service} ${name}`).toSorted(), [
      'commitments-command POST /v1/proposals/:proposalId/events',
      'commitments-command append_events',
      'commitments-projection apply proposal-status',
    ])
    t.equal(request?.parentSpanId, caller.spanId)
    t.equal(append?.parentSpanId, request?.spanId)
    t.equal(apply?.parentSpanId, request?.spanId)
    t.equal(traceparent, `00-${caller.traceId}-${request?.spanId}-01`, 'the event names the span that recorded it')
    t.match(request?.attributes, {
      'http.request.method': 'POST',
      'http.route': '/v1/proposals/:proposalId/events',
      'http.response.status_code': '201',
      'commitments.key': 'registry',
    })
    t.match(apply?.attributes, { 'commitments.position': '1', 'commitments.proposal_id': 'lab' })
    t.ok(request && append && apply && request.from <= append.to && append.from <= append.to && append.from <= apply.to)
    t.same(new Set(collector.paths), new Set(['POST /v1/traces']))
    t.ok(collector.spans.some(({ name }) => name === 'GET /v1/proposals/:proposalId'))
    t.notOk(
      collector.spans.some(({ name }) => /health|metrics/.test(name)),
      'what is asked every second is no trace',
    )
    t.notOk(JSON.stringify(collector.spans, (_, one) => String(one)).includes(secretOf('registry')))
  },
)

t.test('a trace that its caller does not keep is not sent, and a request without one begins a trace', async (t) => {
  const collector = await startCollector(t)
  const { record, projection, flush } = await open(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  t.equal((await record('lab', proposed(), header.replace(/01$/, '00'))).statusCode, 201)
  const { traceparent } = (await record('lab', agreed())).json()
  t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  await projection.applied(2)
  await flush()
  t.same(
    collector.spans.filter(({ traceId }) => traceId === caller.traceId),
    [],
  )
  t.equal(collector.spans.filter(({ traceId }) => traceparent.includes(traceId)).length, 3)
})

t.test('nothing waits for a collector that refuses or is away', async (t) => {
  const refusing = await startCollector(t, 503)
  for (const url of [refusing.url, 'http://127.0.0.1:1']) {
    const { record, projection, flush } = await open(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url })
    t.equal((await record('lab', proposed(), header)).statusCode, 201)
    await projection.applied(1)
    await flush()
  }
})

t.test(
  'without an endpoint, or where OpenTelemetry is switched off, nobody traces, and the event names the caller’s trace',
  async (t) => {
    t.equal(await openTracing({}, 'x'), null)
    t.equal(
      await openTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }, 'x'),
      null,
    )
    const { record } = await open(t, {})
    t.equal((await record('lab', proposed(), header)).json().traceparent, header)
    t.equal((await record('other', proposed())).json().traceparent, undefined)
  },
)

t.test('all mistakes in the variables are told at once, with what is accepted', async (t) => {
  await t.rejects(
    openTracing(
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', OTEL_TRACES_SAMPLER: 'some', OTEL_TRACES_SAMPLER_ARG: '2' },
      'x',
    ),
    /127\.0\.0\.1:4318[^]*parentbased_traceidratio[^]*from 0 to 1/,
  )
})
