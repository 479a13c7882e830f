export interface Link {
  target: string
  rel: string
  /** Further parameters such as `type` or `title`. */
  [parameter: string]: string
}

/** The value of a `Link` header (RFC 8288). Targets must be URI references already (percent-encoded). */
export function linkHeader(links: readonly Link[]): string {
  return links.map(writeLink).join(', ')
}

function writeLink({ target, ...parameters }: Link): string {
  const written = Object.entries(parameters).map(([name, value]) => `; ${name}=${quote(value)}`)
  return `<${target.replace(/[<>"\s]/g, encodeURIComponent)}>${written.join('')}`
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
