"""People, workspaces, memberships, teams, invitations and tokens."""

from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from accounts.validators import validate_time_zone
from core.models import TimestampedModel, WorkspaceManager, WorkspaceModel, WorkspaceQuerySet


class UserManager(BaseUserManager["User"]):
    """Makes people, who are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password they can only come in by an invitation or a reset."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude={"password"})
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in; what they may do hangs on their memberships."""

    email = models.EmailField("e-mail", unique=True)
    full_name = models.CharField("name", max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC", validators=[validate_time_zone])
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["full_name", "email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return (self.full_name or self.email).split()[0]


class Workspace(TimestampedModel):
    """One company's data; nothing crosses it."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=60, default="UTC", validators=[validate_time_zone])
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin and end."""
        return ZoneInfo(self.time_zone)


class Team(WorkspaceModel, TimestampedModel):
    """Reps whose deals a manager watches."""

    name = models.CharField(max_length=120)
    manager = models.ForeignKey(
        "Membership", null=True, blank=True, on_delete=models.SET_NULL, related_name="managed_teams"
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="accounts_team_name")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships; read across workspaces at sign-in, so the workspace is always named."""

    def visible_to(self, membership: "Membership") -> Self:
        """Give the memberships of the same workspace."""
        return self.filter(workspace_id=membership.workspace_id)

    def active(self) -> Self:
        """Give the memberships that have not ended."""
        return self.filter(ended_at__isnull=True, user__is_active=True)


class Membership(TimestampedModel):
    """A person in a workspace with one role; a second role is a second membership."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(MembershipQuerySet)()

    class Meta:
        ordering = ["user__full_name", "role"]
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "role"], name="accounts_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Invitation(WorkspaceModel, TimestampedModel):
    """A link that lets somebody join; only the hash of its secret is kept."""

    email = models.EmailField("e-mail")
    role = models.CharField(max_length=10, choices=Role.choices)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    # nobody: the set-up invited the first admin
    invited_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email


class ApiTokenQuerySet(WorkspaceQuerySet["ApiToken"]):
    """Tokens, by who may see them."""

    def visible_to(self, membership: Membership) -> Self:
        """Give one's own tokens; to an admin, all of the workspace."""
        found = self.filter(workspace_id=membership.workspace_id)
        return found if membership.role == Role.ADMIN else found.filter(membership__user_id=membership.user_id)


class ApiToken(WorkspaceModel, TimestampedModel):
    """Lets a program act as a membership; shown once, stored hashed."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceManager.from_queryset(ApiTokenQuerySet)()  # type: ignore[misc, assignment]  # narrower than its base's

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def get_absolute_url(self) -> str:
        return reverse("accounts:tokens")


class IdempotencyKey(WorkspaceModel):
    """The answer given to a POST with an Idempotency-Key, kept for 24 hours and given again to the same key."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="accounts_idempotency_once")]

    def __str__(self) -> str:
        return self.key
