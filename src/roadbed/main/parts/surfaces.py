"""What answers: the REST API and the portal over it."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from roadbed.api.app import create_app
from roadbed.approvals import routes as approval_routes
from roadbed.audit import routes as audit_routes
from roadbed.backups import routes as backup_routes
from roadbed.blocks import routes as block_routes
from roadbed.catalog import routes as catalog_routes
from roadbed.control import routes as operation_routes
from roadbed.delivery import block_cost_routes, building_routes, job_routes
from roadbed.delivery import routes as application_routes
from roadbed.delivery.builds import routes as build_routes
from roadbed.delivery.resource_routes import router as resource_router
from roadbed.doctor import routes as doctor_routes
from roadbed.doctor.service import Doctor
from roadbed.golden_paths import routes as golden_path_routes
from roadbed.identity import routes as identity_routes
from roadbed.main.inspection import components, counts
from roadbed.main.parts.delivery import Delivering
from roadbed.main.parts.engine import Deciding
from roadbed.main.parts.ground import Ground
from roadbed.main.parts.machine import Machine
from roadbed.main.parts.stacks import Stacking
from roadbed.platform import routes as platform_routes
from roadbed.policy import routes as policy_routes
from roadbed.portal import app as portal
from roadbed.portal.assets import DIST, load_assets
from roadbed.portal.services import PortalServices
from roadbed.quotas import routes as quota_routes
from roadbed.resource_types import routes as type_routes
from roadbed.sandbox.detect import isolation
from roadbed.stacks import cost_routes
from roadbed.stacks import routes as stack_routes
from roadbed.waivers import routes as waiver_routes

BODY_LIMITS = {
    "/api/v1/sources": 100 * 2**20,
    "/api/v1/stacks/*/import": 64 * 2**20,
    "/api/v1/platform/checks": 32 * 2**20,
    "/api/v1/platform/blocks/*/cases": 8 * 2**20,
    "/api/v1/platform/blocks/*/impact": 8 * 2**20,
    "/api/v1/platform/blocks/*/versions": 8 * 2**20,
}
"""Bytes; what one request may hold where the general limit is too little."""


def surfaces(
    ground: Ground, machine: Machine, deciding: Deciding, delivering: Delivering, stacking: Stacking
) -> FastAPI:
    doctor = _doctor(ground, machine, delivering, stacking)
    return create_app(
        database=ground.database,
        identity=ground.identity,
        audit=ground.audit,
        routers=_routers(ground, deciding, delivering, stacking, doctor),
        pages=[_pages(ground, deciding, delivering, stacking, doctor)],
        public_pages=portal.PUBLIC,
        login_page="/login",
        error_page=portal.error_page(ground.clock),
        body_limits=BODY_LIMITS,
        settings=ground.settings.api,
    )


def _doctor(ground: Ground, machine: Machine, delivering: Delivering, stacking: Stacking) -> Doctor:
    return Doctor(
        ground.authorise,
        ground.clock,
        home=ground.home,
        url=ground.url,
        isolation=isolation(),
        components=components(ground.databases, machine.gateway, machine.servers),
        counts=counts(delivering.applications, stacking.golden_paths),
        portal_built=lambda: load_assets(DIST) is not None,
    )


def _routers(
    ground: Ground, deciding: Deciding, delivering: Delivering, stacking: Stacking, doctor: Doctor
) -> list[APIRouter]:
    return [
        identity_routes.router(ground.identity),
        audit_routes.router(ground.audit),
        operation_routes.router(ground.operations),
        platform_routes.router(ground.repository),
        policy_routes.router(deciding.policies),
        block_routes.router(stacking.blocks, stacking.checking),
        quota_routes.router(deciding.quotas),
        catalog_routes.router(ground.catalog),
        build_routes.router(delivering.builds),
        building_routes.router(delivering.building, delivering.pruning),
        application_routes.router(delivering.applications, delivering.application_plans),
        resource_router(delivering.resources),
        job_routes.router(delivering.jobs),
        backup_routes.router(delivering.backups),
        stack_routes.router(stacking.stacks),
        waiver_routes.router(stacking.waivers, ground.clock),
        approval_routes.router(deciding.approvals),
        block_cost_routes.router(delivering.block_costs),
        cost_routes.router(stacking.costs),
        golden_path_routes.router(stacking.golden_paths),
        type_routes.router(stacking.resource_types),
        doctor_routes.router(doctor),
    ]


def _pages(ground: Ground, deciding: Deciding, delivering: Delivering, stacking: Stacking, doctor: Doctor) -> APIRouter:
    return portal.router(
        PortalServices(
            database=ground.database,
            clock=ground.clock,
            sessions=ground.identity.sessions,
            applications=delivering.applications,
            resources=delivering.resources,
            blocks=stacking.blocks,
            jobs=delivering.jobs,
            stacks=stacking.stacks,
            block_costs=delivering.block_costs,
            costs=stacking.costs,
            operations=ground.operations,
            golden_paths=stacking.golden_paths,
            resource_types=stacking.resource_types,
            policies=deciding.policies,
            waivers=stacking.waivers,
            approvals=deciding.approvals,
            quotas=deciding.quotas,
            catalog=ground.catalog,
            platform=ground.repository,
            status=doctor,
            audit=ground.audit,
            backups=delivering.backups,
        )
    )
