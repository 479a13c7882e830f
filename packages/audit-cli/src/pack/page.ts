import {
  conditionWords,
  definitionOf,
  endingWords,
  type RecordedEvent,
  type Status,
  stageWords,
  type Words,
} from '@commitments/domain'
import type { About, CitedEvidence, PackContent } from './content.ts'

/** The content of the page. It is made from nothing else, so that a check of the pack can make it again and compare. */
interface PageContent extends PackContent {
  readonly evidence: readonly CitedEvidence[]
  readonly status: Status | null
}

/** Text that is already safe as HTML. */
interface Html {
  readonly html: string
}

/** A template that escapes every value unless it is HTML already: the record is foreign text and may contain anything. */
function html(strings: TemplateStringsArray, ...values: readonly (string | number | Html | readonly Html[])[]): Html {
  const piece = (value: (typeof values)[number]): string => {
    if (typeof value === 'object') return 'html' in value ? value.html : value.map((one) => one.html).join('')
    return escape(String(value))
  }
  return { html: strings.reduce((text, string, index) => text + piece(values[index - 1] ?? '') + string) }
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ccc}
code{overflow-wrap:anywhere}.limits{border-left:4px solid #b35900;padding-left:1rem}`

/**
 * The page for people: what the pack is, what was checked, what the record says, and how to check it yourself. It has no script and loads
 * nothing.
 */
export function packPage(content: PageContent): Buffer {
  const { about, status } = content
  const title = textIn(status?.title) || about.proposalId
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: evidence from the log</title>
<style>${{ html: style }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>Everything that the log holds about the proposal <code>${about.proposalId}</code>, with the proofs that it stood there. Made at ${about.madeAt}.</p>
${headline(status, about)}
${checked(content)}
${eventTable(content.events)}
${evidenceTable(content.evidence)}
${howToCheck(content)}
</main>
</body>
</html>
`
  return Buffer.from(page.html)
}

function headline(status: Status | null, { day }: About): Html {
  if (status === null) return html`<p>Its events give no status.</p>`
  const { stage, ending, condition } = status
  const how = ending === null ? '' : html`; it ended: ${inLanguages(endingWords[ending])}`
  return html`<p>On ${day} its stage is <strong>${inLanguages(stageWords[stage])}</strong>${how}; its condition is ${inLanguages(conditionWords[condition])}.</p>`
}

/** The label of a code, in English and for readers of Vietnamese and Korean. */
function inLanguages({ en, vi, ko }: Words): Html {
  return html`${en.label} (<span lang="vi">${vi.label}</span>, <span lang="ko">${ko.label}</span>)`
}

function typeLabel(type: string): Html | string {
  const words = definitionOf(type)?.words
  return words === undefined ? type : inLanguages(words)
}

function checked({ about, checkpoint }: PageContent): Html {
  return html`<h2>What was checked when this was made</h2>
<ul>
${about.checked.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>
<div class="limits">
<p>What these files prove by themselves: each event below stood in the log that <code>${checkpoint.origin}</code> signed, at its position,
exactly as it is here, when the log had ${checkpoint.size} events.</p>
<p>What they cannot prove by themselves: that there was no further event of this proposal among those ${checkpoint.size}. That was checked over the
whole log when the pack was made; whoever wants to see it for themselves needs the whole log. Whether what was recorded is true, no proof can tell:
look at the evidence.</p>
</div>`
}

function eventTable(events: readonly RecordedEvent[]): Html {
  return html`<h2>Events</h2>
<table>
<thead><tr><th>Position</th><th>What</th><th>When it happened</th><th>When it was recorded</th><th>On whose word</th><th>Signed by its recorder</th></tr></thead>
<tbody>
${events.map(eventRow)}</tbody>
</table>`
}

function eventRow(event: RecordedEvent): Html {
  const { position, type, occurredOn, recordedAt, assertedBy, recordedBy, note, signature } = event
  const said = textIn(note)
  return html`<tr><td>${position}</td><td>${typeLabel(type)}${said ? html`<br>${said}` : ''}</td><td>${occurredOn ?? 'not known'}</td><td>${recordedAt}</td><td>${
    assertedBy ?? 'see its evidence'
  } (written by ${recordedBy})</td><td>${signature === undefined ? 'no' : html`with the key <code>${signature.key}</code>`}</td></tr>
`
}

function evidenceTable(evidence: readonly CitedEvidence[]): Html {
  if (evidence.length === 0) return html`<h2>Evidence</h2><p>None is cited.</p>`
  return html`<h2>Evidence</h2>
<table>
<thead><tr><th>For position</th><th>Document</th><th>What it attests</th></tr></thead>
<tbody>
${evidence.map(evidenceRow)}</tbody>
</table>`
}

function evidenceRow({ position, title, publisher, publishedOn, url, digest, supports, partial }: CitedEvidence): Html {
  const source = [publisher, publishedOn].filter((part) => part).join(', ')
  // An address is shown as text: the reader decides whether to follow it, because it may lead to something else today.
  const where = [url, digest].filter((part) => part !== undefined)
  return html`<tr><td>${position}</td><td>${title}${source ? html`<br>${source}` : ''}${where.map((part) => html`<br><code>${part}</code>`)}</td><td>${supports}${
    partial ? ' (only a part of it)' : ''
  }</td></tr>
`
}

function howToCheck({ checkpoint, vkeys }: PageContent): Html {
  return html`<h2>How to check it yourself</h2>
<p>With <code>node audit.mjs verify-pack</code>, this folder and the fingerprint of the log’s key (<code>--key</code>), without a network; the service of the log
serves the program at <code>/log/audit.mjs</code>, and explains it at <code>/audit/audit.html</code>. Or with your own tools: each line of
<code>events.ndjson</code> is an entry of the log, its leaf is SHA-256 of a zero byte and the line without its end; <code>proofs/</code> holds a
C2SP tlog-proof for each, and <code>checkpoint</code> is a signed note.</p>
<dl>
<dt>Log</dt><dd><code>${checkpoint.origin}</code></dd>
<dt>Events in it</dt><dd>${checkpoint.size}</dd>
<dt>Root of its tree</dt><dd><code>${checkpoint.root}</code></dd>
<dt>Key</dt>${vkeys.map((vkey) => html`<dd><code>${vkey}</code></dd>`)}
</dl>
<p>A key that comes with the pack proves nothing by itself: compare it with the one that the operator of the log has published elsewhere.</p>`
}

/** The English text, or the Vietnamese, or another. */
function textIn(texts: Readonly<Record<string, string | undefined>> | undefined): string {
  return texts?.['en'] ?? texts?.['vi'] ?? Object.values(texts ?? {})[0] ?? ''
}
