# Two stages: build a static binary, then put it alone on an empty root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/shapewatch . \
 && mkdir -p /out/data && cp /etc/ssl/certs/ca-certificates.crt /out/ca-certificates.crt

FROM scratch
COPY --from=build /out/shapewatch /shapewatch
COPY --from=build /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# The only writable place; everything else may be mounted read-only.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/shapewatch"]
# Listens on all addresses inside the container: publish the port only where you want the page seen.
CMD ["serve", "--config", "/data/shapewatch.yaml", "--listen", ":8080"]
