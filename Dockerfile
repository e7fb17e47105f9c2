# The gateway. Build: docker build -t demur-guard .    Run: docs/guard.md
FROM python:3.12-slim

WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY src src
RUN pip install --no-cache-dir -c constraints.txt '.[guard,postgres,redis]' && useradd --system --create-home demur

USER demur
WORKDIR /home/demur
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
# A policy is read again when its file changes: mount its folder, not the file, or an editor's new file is never seen.
ENTRYPOINT ["demur", "guard", "serve", "--host", "0.0.0.0"]
CMD ["--help"]
