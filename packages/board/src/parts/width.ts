import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

/** How wide an element is, now and whenever that changes: drawings are made for the width that they have. */
export function useWidth<Of extends Element>(until: number): [RefObject<Of | null>, number] {
  const element = useRef<Of | null>(null)
  const [width, setWidth] = useState(until)
  useEffect(() => {
    const { current } = element
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(80, Math.round(entry.contentRect.width)))
    })
    if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return [element, width]
}
