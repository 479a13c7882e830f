/**
 * Traces (OpenTelemetry, OTLP over HTTP): one request is followed from its answer to the log, and from the log into the read models. Off
 * unless an endpoint is named. The variables are those of the OpenTelemetry specification.
 */
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { parseTraceparent } from '../headers/request-identity.ts'
import { ConfigError, type Environment } from '../process/config.ts'

/** Work that is done: part of the trace that `traceparent` belongs to. Times are milliseconds since 1970. */
export interface DoneWork {
  readonly name: string
  readonly traceparent: string | null | undefined
  readonly from: number
  readonly to: number
  readonly attributes: Attributes
}

export interface Tracing {
  /** Begins the span of a request, as a child of the one that its header names. */
  begin(name: string, traceparent: string | null): RequestSpan
  /** Tells of work that is done. Work without a trace, or of one that is not sampled, is not told. */
  tell(work: DoneWork): void
  /** Sends what is left, within two seconds. */
  close(): Promise<void>
}

export interface RequestSpan {
  /** What the work of this request, and the events that it records, name as their parent. */
  readonly traceparent: string
  end(name: string, status: number, attributes: Attributes): void
}

/** The variables that this service reads; those that begin with OTEL_EXPORTER_OTLP_ are read by the exporter itself. */
interface Settings {
  readonly service: string
  readonly sampler: string
  readonly ratio: number
}

const samplers = ['always_on', 'always_off', 'traceidratio'].flatMap((one) => [one, `parentbased_${one}`])

/** @throws ConfigError */
function readSettings(environment: Environment, service: string): Settings | null {
  const isOff = environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
  const endpoint = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT']
  if (isOff || !endpoint) return null
  const sampler = environment['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  const ratio = Number(environment['OTEL_TRACES_SAMPLER_ARG'] || '1')
  const mistakes: string[] = []
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    mistakes.push('OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address, such as http://127.0.0.1:4318')
  if (!samplers.includes(sampler)) mistakes.push(`OTEL_TRACES_SAMPLER must be one of ${samplers.join(', ')}`)
  if (!(ratio >= 0 && ratio <= 1)) mistakes.push('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, such as 0.01')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { service: environment['OTEL_SERVICE_NAME'] || service, sampler, ratio }
}

/**
 * Null where no endpoint is named: then nothing of OpenTelemetry is loaded. Spans are sent in batches, and dropped if the receiver does not
 * take them: a service never waits for its traces.
 *
 * @throws ConfigError
 */
export async function openTracing(environment: Environment, service: string): Promise<Tracing | null> {
  const settings = readSettings(environment, service)
  if (settings === null) return null
  const [sdk, { OTLPTraceExporter }, { defaultResource, detectResources, envDetector, resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ 'service.name': settings.service }))
  const provider = new sdk.TracerProvider({
    resource,
    sampler: samplerOf(sdk, settings),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('commitments')
  return {
    begin: (name, traceparent) => beginRequest(tracer, name, traceparent),
    tell: (work) => tell(tracer, work),
    close: () => Promise.race([provider.shutdown(), new Promise<void>((late) => setTimeout(late, 2_000).unref())]),
  }
}

function samplerOf(sdk: typeof import('@opentelemetry/sdk-trace'), { sampler, ratio }: Settings) {
  const [, parentBased, kind] = /^(parentbased_)?(.*)$/.exec(sampler) ?? []
  const root =
    kind === 'always_off'
      ? new sdk.AlwaysOffSampler()
      : kind === 'traceidratio'
        ? new sdk.TraceIdRatioBasedSampler(ratio)
        : new sdk.AlwaysOnSampler()
  return parentBased ? new sdk.ParentBasedSampler({ root }) : root
}

function beginRequest(tracer: Tracer, name: string, traceparent: string | null): RequestSpan {
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, contextOf(traceparent))
  return {
    traceparent: traceparentOf(span),
    end(route, status, attributes) {
      span.updateName(route)
      span.setAttributes({ ...attributes, 'http.response.status_code': status })
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

function tell(tracer: Tracer, { name, traceparent, from, to, attributes }: DoneWork): void {
  if (traceparent && isSampled(traceparent))
    tracer.startSpan(name, { startTime: from, attributes }, contextOf(traceparent)).end(to)
}

/** Most requests come without a trace, or with one that nobody keeps: telling of them must cost nothing. */
function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent.slice(-2), 16) & TraceFlags.SAMPLED) !== 0
}

function contextOf(header: string | null): Context {
  const traceparent = parseTraceparent(header ?? undefined)
  if (traceparent === null) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
