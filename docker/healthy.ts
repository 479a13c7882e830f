// The health check of the images, which contain no curl: exits with 0 if the service in this container is ready, otherwise with 1.

const { PORT = '8080' } = process.env
try {
  const response = await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(3_000) })
  process.exit(response.ok ? 0 : 1)
} catch {
  process.exit(1)
}
