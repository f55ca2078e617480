# SalesFlow as a container: `docker compose up`. Built in three steps, so that compilers and Node stay outside.

FROM node:22-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# The icon sprite holds the icons that pages name, so the build reads the whole project.
COPY . /build
RUN npm run build

FROM python:3.11-slim AS packages
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /tmp/base.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SALESFLOW_ENV=production \
    PORT=8000 \
    WEB_CONCURRENCY=2
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin salesflow
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=frontend /build/frontend/dist frontend/dist
RUN SECRET_KEY=only-while-the-image-is-built ALLOWED_HOSTS=localhost python manage.py collectstatic --noinput
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["script/healthy", "web"]
CMD ["gunicorn", "salesflow.wsgi:application", "--worker-class", "gthread", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
