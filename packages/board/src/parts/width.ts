import { useEffect, useState } from 'preact/hooks'

/** The width of an element, now and after each change, because drawings depend on it. The first member is its `ref`. */
export function useWidth(until: number): [(element: Element | null) => void, number] {
  const [element, setElement] = useState<Element | null>(null)
  const [width, setWidth] = useState(until)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(80, Math.floor(entry.contentRect.width)))
    })
    if (element !== null) observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, width]
}
