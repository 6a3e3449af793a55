# One image for every process: web, worker, beat and migrate differ by their command.

FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/venv
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
COPY pyproject.toml ./
RUN uv sync --no-default-groups --no-install-project --python /usr/local/bin/python3.11
COPY . .
# The key only lets the settings load; it is gone with this line.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    TOUCHSTONE_DATA_DIR=/tmp/build TOUCHSTONE_STATIC_DIR=/opt/static \
    /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q /app

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin touchstone \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TOUCHSTONE_DATA_DIR=/data \
    TOUCHSTONE_STATIC_DIR=/opt/static
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "config.wsgi", "--config", "config/serving/gunicorn.py", "--bind", "0.0.0.0:8000", "--workers", "2"]
