# 服务的镜像 · the image of the service: a wheel built from this checkout, on slim Python, run by nobody in particular.
FROM python:3.11.13-slim-bookworm AS built
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels --constraint constraints.txt ".[postgis]"

FROM python:3.11.13-slim-bookworm
RUN --mount=type=bind,from=built,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels "wangge[postgis]" \
    && useradd --uid 10001 --create-home wangge
USER wangge
WORKDIR /home/wangge
ENV PYTHONUNBUFFERED=1
EXPOSE 8000
ENTRYPOINT ["wangge"]
