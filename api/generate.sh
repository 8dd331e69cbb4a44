#!/bin/sh
# Generates the API's Go code and its OpenAPI document from the contract in
# api/proto. Needs protoc with the well-known types (Debian: protobuf-compiler
# libprotobuf-dev) and the plugins of `make tools`.
set -eu
cd "$(dirname "$0")"
mkdir -p pitcrewv1
protoc -I proto \
  --go_out=. --go_opt=module=github.com/pitcrew-telematics/pitcrew/api \
  --go-grpc_out=. --go-grpc_opt=module=github.com/pitcrew-telematics/pitcrew/api \
  --grpc-gateway_out=. --grpc-gateway_opt=module=github.com/pitcrew-telematics/pitcrew/api \
  --openapiv3_out=. \
  proto/pitcrew/v1/*.proto
go run ./internal/openapi <pitcrew/v1/pitcrew.openapi.json >openapi.json
rm pitcrew/v1/pitcrew.openapi.json
rmdir pitcrew/v1 pitcrew
