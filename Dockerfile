# The page: built with Node, which the image itself does without. The cache has the build before, whose files stay for
# the pages that are open across a deploy.
FROM node:24-slim AS page
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/app/chatapp/frontend/dist,sharing=locked \
    if [ -f chatapp/frontend/package.json ]; then \
        cd chatapp/frontend && npm ci --omit=dev --no-audit --no-fund && node_modules/.bin/vite build; \
    fi && \
    cp -R /app/chatapp/frontend/dist /page

FROM python:3.12-slim AS libraries
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLASK_APP=wsgi \
    CHATAPP_ENV=production \
    CHATAPP_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin chatapp && \
    install -d -o chatapp -g chatapp -m 700 /data
COPY --from=libraries /venv /venv
WORKDIR /app
COPY wsgi.py ./
COPY config config
COPY chatapp chatapp
COPY --from=page /page chatapp/frontend/dist
RUN python -m compileall -q /app /venv/lib
USER chatapp
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process answers. Whether it can do its work is at /readyz, for whoever sends it requests.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["gunicorn", "-c", "config/gunicorn.py"]
