# memory-service on a server of one's own: the Worker in workerd, and sqld. docs/self-hosting.md
FROM node:24-bookworm-slim
WORKDIR /opt/memory-service
# workerd and sqld check the certificates of what they call.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
COPY test/generators/package.json test/generators/
RUN npm ci
COPY . .
ENV MEMORY_BUILD_DIR=/opt/memory-service/dist/self-hosted MEMORY_DATA_DIR=/var/lib/memory-service
ENV MEMORY_HOST=0.0.0.0 MEMORY_PORT=8787 WRANGLER_SEND_METRICS=false PATH=/opt/memory-service/node_modules/.bin:$PATH
RUN node scripts/serve.ts --build && ln -s /opt/memory-service/cli/bin.js /usr/local/bin/memory-cli && chmod +x cli/bin.js
# Volumes take their owner from these.
RUN mkdir -p /var/lib/memory-service /var/lib/memory-database /run/memory-secrets \
  && chown node:node /var/lib/memory-service /var/lib/memory-database /run/memory-secrets
USER node
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/health/live').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
# Stopping sends what waits to the database first: give it more than MEMORY_DRAIN_SECONDS.
STOPSIGNAL SIGTERM
CMD ["node", "scripts/serve.ts"]
