"""Settings, read from the environment. `SALESFLOW_ENV` is production unless something else is asked for.

| variable | what it says |
|---|---|
| SALESFLOW_ENV | production (default), development or test |
| SECRET_KEY | signs sessions and links; needed in production |
| DATABASE_URL, MIGRATION_DATABASE_URL | PostgreSQL, as the application's role and as the owner who migrates |
| REDIS_URL | Valkey or Redis: the broker; limits and sessions live in the database |
| ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS | comma-separated |
| EMAIL_URL, DEFAULT_FROM_EMAIL | outgoing mail |
| PUBLIC_URL | where links in mails lead that no request asked for |
| HISTORY_MONTHS | for how long the course of alignment is kept |
| EMBEDDING_FOLDER | a folder with another model.onnx and tokenizer.json |
| METRICS_TOKEN | who asks /metrics must know it; without one there is no such page |
| SENTRY_DSN | optional error reports (install sentry-sdk yourself) |
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from kombu.entity import Queue

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("SALESFLOW_ENV", "production")
DEVELOPMENT, TESTING = ENVIRONMENT == "development", ENVIRONMENT == "test"
PRODUCTION = not (DEVELOPMENT or TESTING)
DEBUG = False

SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", "development-only-" + "0" * 50)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "salesflow",
    "reviews",
    "crm",
    "deals",
    "content",
    "buying_process",
    "interviews",
    "audit",
    "jobs",
    "accounts",
    "core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "rest_framework",
    "rules",
    "template_partials",
    *(["django_linear_migrations"] if TESTING else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.MembershipMiddleware",
    "core.middleware.ApplicationErrorMiddleware",
]

ROOT_URLCONF = "salesflow.urls"
WSGI_APPLICATION = "salesflow.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.shell",
            ],
            "builtins": ["core.templatetags.ui", "django.contrib.humanize.templatetags.humanize"],
        },
    }
]
FORM_RENDERER = "core.forms.Renderer"

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://salesflow@127.0.0.1/salesflow")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0 if TESTING else 600,
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
if TESTING and (suffix := env.str("TEST_DATABASE_SUFFIX", "")):
    DATABASES["default"]["TEST"] = {"NAME": f"test_salesflow_{suffix}"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
_redis = urlsplit(REDIS_URL)
CELERY_BROKER_URL = (
    f"redis+socket://{_redis.path}?virtual_host={dict([_redis.query.split('=')])['db'] if _redis.query else 0}"
    if _redis.scheme == "unix"
    else REDIS_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # a broker that hangs is waited for: a worker whose acknowledgement timed out would take no message any more
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "global_keyprefix": env.str("BROKER_KEY_PREFIX", ""),
}
# The sweep that scores deals has a queue that nothing long can take; a worker that is told of none serves both.
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("jobs", "sweep")]  # type: ignore[no-untyped-call]
CELERY_TASK_ROUTES = {"deals.recompute_stale": {"queue": "sweep"}}
CELERY_BEAT_SCHEDULER = "salesflow.beat:Scheduler"
# A ring that nobody takes is dropped after a while, no sooner than the clocks of two machines may differ.
CELERY_BEAT_SCHEDULE = {
    "recompute stale deals": {"task": "deals.recompute_stale", "schedule": 1.0, "options": {"expire_seconds": 900}},
    "learn how deals end": {
        "task": "deals.refit_outlooks",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expire_seconds": 3600},
    },
    "keep the history": {
        "task": "deals.keep_history",
        "schedule": crontab(minute=55),  # days end at every hour somewhere: the last before it is the day's
        "options": {"expire_seconds": 900},
    },
    "sum up days that end between hours": {
        "task": "deals.sum_days",
        "schedule": crontab(minute="10,25,40"),  # zones differ from UTC by quarters of an hour
        "options": {"expire_seconds": 900},
    },
    "settle alerts": {"task": "deals.settle_alerts", "schedule": 900.0, "options": {"expire_seconds": 900}},
    "mail what is new": {"task": "deals.send_digests", "schedule": 1200.0, "options": {"expire_seconds": 900}},
    "account for silence": {"task": "deals.rescore_old", "schedule": 3600.0, "options": {"expire_seconds": 900}},
    "verify packed signals": {"task": "deals.verify_paths", "schedule": 86_400.0, "options": {"expire_seconds": 3600}},
    "resume waiting jobs": {"task": "jobs.resume_waiting", "schedule": 15.0, "options": {"expire_seconds": 900}},
    "forget idempotency keys": {
        "task": "accounts.purge_keys",
        "schedule": 86_400.0,
        "options": {"expire_seconds": 3600},
    },
}
# How long the course of a deal's alignment is kept: a number of months, four at least (pages show twelve weeks).
HISTORY_MONTHS = max(env.int("HISTORY_MONTHS", 24), 4)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 1800
CELERY_TASK_TIME_LIMIT = 1860
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
# The cache holds nothing that a request cannot do without: sessions and sign-in limits live in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # room for every limit that is being counted: a small cache would forget the oldest under an attack
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
# the client's address for those limits: the proxy's last hop, where there is a proxy
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SalesFlow"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT or TESTING
SOCIALACCOUNT_ONLY = False

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static" if PRODUCTION else None  # elsewhere files are served where they lie
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"] if (BASE_DIR / "frontend" / "dist").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "SalesFlow <salesflow@localhost>")
# Where links in mails lead that no request asked for.
_own = f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION and ALLOWED_HOSTS else f"http://127.0.0.1:{env.int('PORT', 8000)}"
PUBLIC_URL = (env.str("PUBLIC_URL", "") or _own).rstrip("/")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api_schema.AutoSchema",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "DEFAULT_PAGINATION_CLASS": "core.api.CursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_CLASSES": ["core.throttles.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": "100000/min" if TESTING else "1200/min"},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SalesFlow API",
    "DESCRIPTION": "Interviews, processes, deals and their alignment. Every token belongs to one membership.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {"ChannelEnum": "interviews.choices.Channel"},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "DEFAULT_GENERATOR_CLASS": "core.api_schema.SchemaGenerator",
}
DRF_STANDARDIZED_ERRORS = {"ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True}

METRICS_TOKEN = env.str("METRICS_TOKEN", "")
EMBEDDING_FOLDER = env.str("EMBEDDING_FOLDER", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "core.logs.formatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TESTING else "INFO"},
    "loggers": {"django.request": {"level": "ERROR" if TESTING else "WARNING"}},
}
DJANGO_STRUCTLOG_CELERY_ENABLED = False
if dsn := env.str("SENTRY_DSN", ""):
    import importlib

    importlib.import_module("sentry_sdk").init(dsn=dsn, send_default_pii=False)
